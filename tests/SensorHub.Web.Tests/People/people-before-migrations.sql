CREATE TABLE "AspNetUsers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetUsers" PRIMARY KEY,
    "DisplayName" TEXT NOT NULL,
    "Role" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" INTEGER NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL
);


CREATE TABLE "Audit" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Audit" PRIMARY KEY AUTOINCREMENT,
    "At" INTEGER NOT NULL,
    "SubjectId" TEXT NULL,
    "AccountId" TEXT NULL,
    "By" TEXT NOT NULL,
    "What" TEXT NOT NULL,
    "Detail" TEXT NOT NULL
);


CREATE TABLE "CareTimes" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_CareTimes" PRIMARY KEY AUTOINCREMENT,
    "TherapistId" TEXT NOT NULL,
    "SubjectId" TEXT NOT NULL,
    "Day" TEXT NOT NULL,
    "Minutes" REAL NOT NULL
);


CREATE TABLE "Consents" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Consents" PRIMARY KEY AUTOINCREMENT,
    "SubjectId" TEXT NOT NULL,
    "GrantedTo" TEXT NOT NULL,
    "Purpose" INTEGER NOT NULL,
    "Detail" TEXT NOT NULL,
    "From" INTEGER NOT NULL,
    "Until" INTEGER NOT NULL,
    "WithdrawnAt" INTEGER NULL
);


CREATE TABLE "ExerciseTicks" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_ExerciseTicks" PRIMARY KEY AUTOINCREMENT,
    "SubjectId" TEXT NOT NULL,
    "Day" TEXT NOT NULL,
    "Exercise" TEXT NOT NULL,
    "At" INTEGER NOT NULL
);


CREATE TABLE "Invitations" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Invitations" PRIMARY KEY AUTOINCREMENT,
    "TokenHash" TEXT NOT NULL,
    "Role" INTEGER NOT NULL,
    "Name" TEXT NOT NULL,
    "InvitedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Until" INTEGER NOT NULL,
    "UsedAt" INTEGER NULL
);


CREATE TABLE "Notes" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Notes" PRIMARY KEY AUTOINCREMENT,
    "SubjectId" TEXT NOT NULL,
    "Session" TEXT NULL,
    "AuthorId" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    "Kind" INTEGER NOT NULL,
    "Text" TEXT NOT NULL
);


CREATE TABLE "Prescriptions" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Prescriptions" PRIMARY KEY AUTOINCREMENT,
    "SubjectId" TEXT NOT NULL,
    "Kind" INTEGER NOT NULL,
    "Json" TEXT NOT NULL,
    "AuthorId" TEXT NOT NULL,
    "At" INTEGER NOT NULL
);


CREATE TABLE "Subjects" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Subjects" PRIMARY KEY,
    "Alias" TEXT NOT NULL,
    "AccountId" TEXT NULL,
    "BodyMassKg" REAL NULL,
    "HeightCm" REAL NULL,
    "Screening" TEXT NULL,
    "ScreenedAt" INTEGER NULL,
    "Reminders" INTEGER NOT NULL,
    "IsSetUp" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL
);


CREATE TABLE "AspNetUserClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetUserClaims" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetUserClaims_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);


CREATE TABLE "AspNetUserLogins" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserLogins" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AspNetUserLogins_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);


CREATE TABLE "AspNetUserTokens" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AspNetUserTokens" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AspNetUserTokens_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);


CREATE INDEX "IX_AspNetUserClaims_UserId" ON "AspNetUserClaims" ("UserId");


CREATE INDEX "IX_AspNetUserLogins_UserId" ON "AspNetUserLogins" ("UserId");


CREATE INDEX "EmailIndex" ON "AspNetUsers" ("NormalizedEmail");


CREATE UNIQUE INDEX "UserNameIndex" ON "AspNetUsers" ("NormalizedUserName");


CREATE INDEX "IX_Audit_SubjectId_At" ON "Audit" ("SubjectId", "At");


CREATE UNIQUE INDEX "IX_CareTimes_TherapistId_SubjectId_Day" ON "CareTimes" ("TherapistId", "SubjectId", "Day");


CREATE INDEX "IX_Consents_SubjectId_GrantedTo" ON "Consents" ("SubjectId", "GrantedTo");


CREATE UNIQUE INDEX "IX_ExerciseTicks_SubjectId_Day_Exercise" ON "ExerciseTicks" ("SubjectId", "Day", "Exercise");


CREATE UNIQUE INDEX "IX_Invitations_TokenHash" ON "Invitations" ("TokenHash");


CREATE INDEX "IX_Notes_SubjectId_At" ON "Notes" ("SubjectId", "At");


CREATE INDEX "IX_Prescriptions_SubjectId_Kind_At" ON "Prescriptions" ("SubjectId", "Kind", "At");


CREATE UNIQUE INDEX "IX_Subjects_AccountId" ON "Subjects" ("AccountId");


